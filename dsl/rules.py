"""The equations that `simplify` uses from left to right, one a row.

Each holds, but for rounding, wherever its left side and all its parts are finite, and under the
facts that it names: `x / x = 1` is used since a rule that divides 0 by 0 is no finite rule. A row
is used only where the program gets shorter, or as long and simpler in its functions.
"""

from __future__ import annotations

from .terms import Rule, Unknown, above_zero, function, not_below_zero, numbers, rule, shares

x, y, z = Unknown("x"), Unknown("y"), Unknown("z")
c, d = Unknown("c", constant=True), Unknown("d", constant=True)

absolute, sign, square, sqrt = map(function, ("abs", "sign", "square", "sqrt"))
sqrt_abs, power_abs, cube, cbrt = map(function, ("sqrt_abs", "power_abs", "cube", "cbrt"))
exp, log, tanh, sinh = map(function, ("exp", "log", "tanh", "sinh"))
arctan, arcsinh, arctanh = map(function, ("arctan", "arcsinh", "arctanh"))
maximum, minimum, clip = map(function, ("maximum", "minimum", "clip"))
lerp, where, divide_no_nan = map(function, ("lerp", "where", "divide_no_nan"))
gt, lt, neg, reciprocal = map(function, ("gt", "lt", "neg", "reciprocal"))
divide_eps, copysign = map(function, ("divide_eps", "copysign"))
clipped = minimum(maximum(x, y), z)

NEUTRAL = (
    rule(x + 0, x),  # x + 0 = x
    rule(x - 0, x),  # x - 0 = x
    rule(0 - x, -x),  # 0 - x = -x
    rule(x * 1, x),  # x * 1 = x
    rule(x * 0, 0),  # x * 0 = 0
    rule(x / 1, x),  # x / 1 = x
    rule(x**1, x),  # x**1 = x
    rule(x - x, 0),  # x - x = 0
    rule(x / x, 1),  # x / x = 1
    rule(x * -1, -x),  # x * -1 = -x
    rule(x / -1, -x),  # x / -1 = -x
    rule(lerp(x, y, 0), x),  # lerp(x, y, 0) = x
    rule(lerp(x, y, 1), y),  # lerp(x, y, 1) = y
    rule(lerp(x, x, y), x),  # lerp(x, x, y) = x
    rule(lerp(x, 0, c), (1 - c) * x),  # lerp(x, 0, c) = (1 - c) * x
    rule(lerp(0, x, y), y * x),  # lerp(0, x, y) = y * x
    rule(divide_no_nan(x, 1), x),  # divide_no_nan(x, 1) = x
    rule(divide_no_nan(0, x), 0),  # divide_no_nan(0, x) = 0
    rule(where(1, x, y), x),  # where(1, x, y) = x
    rule(where(0, x, y), y),  # where(0, x, y) = y
    rule(where(x, y, y), y),  # where(x, y, y) = y
    rule(maximum(x, x), x),  # max(x, x) = x
    rule(minimum(x, x), x),  # min(x, x) = x
    rule(maximum(x, minimum(x, y)), x),  # max(x, min(x, y)) = x
    rule(minimum(x, maximum(x, y)), x),  # min(x, max(x, y)) = x
    rule(clipped, clip(x, y, z), numbers(y, z)),  # min(max(x, y), z) = clip(x, y, z), y, z numbers
    rule(maximum(x, maximum(x, y)), maximum(x, y)),  # max(x, max(x, y)) = max(x, y)
    rule(minimum(x, minimum(x, y)), minimum(x, y)),  # min(x, min(x, y)) = min(x, y)
)

SIGNS = (
    rule(neg(neg(x)), x),  # -(-x) = x
    rule(x + -y, x - y),  # x + -y = x - y
    rule(x - -y, x + y),  # x - -y = x + y
    rule((-x) * (-y), x * y),  # -x * -y = x * y
    rule((-x) / (-y), x / y),  # -x / -y = x / y
    rule(-(x - y), y - x),  # -(x - y) = y - x
    rule(-(c * x), (0 - c) * x),  # -(c * x) = (0 - c) * x
    rule(c * -x, (0 - c) * x),  # c * -x = (0 - c) * x
    rule(absolute(-x), absolute(x)),  # abs(-x) = abs(x)
    rule(absolute(absolute(x)), absolute(x)),  # abs(abs(x)) = abs(x)
    rule(absolute(x), x, not_below_zero(x)),  # abs(x) = x, x >= 0
    rule(-sign(-x), sign(x)),  # -sign(-x) = sign(x)
    rule(-tanh(-x), tanh(x)),  # -tanh(-x) = tanh(x)
    rule(x - sign(-y), x + sign(y)),  # x - sign(-y) = x + sign(y)
    rule(x + sign(-y), x - sign(y)),  # x + sign(-y) = x - sign(y)
    rule(sign(sign(x)), sign(x)),  # sign(sign(x)) = sign(x)
    rule(sign(x * y), sign(x), above_zero(y)),  # sign(x * y) = sign(x), y > 0
    rule(sign(x / y), sign(x), above_zero(y)),  # sign(x / y) = sign(x), y > 0
    rule(sign(tanh(x)), sign(x)),  # sign(tanh(x)) = sign(x)
    rule(sign(sinh(x)), sign(x)),  # sign(sinh(x)) = sign(x)
    rule(sign(arctan(x)), sign(x)),  # sign(arctan(x)) = sign(x)
    rule(sign(arcsinh(x)), sign(x)),  # sign(arcsinh(x)) = sign(x)
    rule(sign(cbrt(x)), sign(x)),  # sign(cbrt(x)) = sign(x)
    rule(sign(cube(x)), sign(x)),  # sign(cube(x)) = sign(x)
    rule(sign(x), 1, above_zero(x)),  # sign(x) = 1, x > 0
    rule(copysign(x, x), x),  # copysign(x, x) = x
    rule(copysign(x, -x), -x),  # copysign(x, -x) = -x
    rule(copysign(-x, y), copysign(x, y)),  # copysign(-x, y) = copysign(x, y)
    rule(copysign(absolute(x), x), x),  # copysign(abs(x), x) = x
    rule(copysign(absolute(x), -x), -x),  # copysign(abs(x), -x) = -x
    rule(copysign(absolute(x), y), copysign(x, y)),  # copysign(abs(x), y) = copysign(x, y)
    rule(x * sign(x), absolute(x)),  # x * sign(x) = abs(x)
    rule(absolute(x) * sign(x), x),  # abs(x) * sign(x) = x
    rule(x / absolute(x), sign(x)),  # x / abs(x) = sign(x)
    rule(absolute(x) / x, sign(x)),  # abs(x) / x = sign(x)
    rule(divide_no_nan(x, absolute(x)), sign(x)),  # divide_no_nan(x, abs(x)) = sign(x)
    rule(gt(c * x, 0), gt(x, 0), above_zero(c)),  # gt(c * x, 0) = gt(x, 0), c > 0
    rule(lt(c * x, 0), lt(x, 0), above_zero(c)),  # lt(c * x, 0) = lt(x, 0), c > 0
    rule(gt(sign(x), 0), gt(x, 0)),  # gt(sign(x), 0) = gt(x, 0)
    rule(lt(sign(x), 0), lt(x, 0)),  # lt(sign(x), 0) = lt(x, 0)
    rule(gt(tanh(x), 0), gt(x, 0)),  # gt(tanh(x), 0) = gt(x, 0)
)

POWERS = (
    rule(sqrt(square(x)), absolute(x)),  # sqrt(square(x)) = abs(x)
    rule(sqrt_abs(square(x)), absolute(x)),  # sqrt_abs(square(x)) = abs(x)
    rule(square(sqrt(x)), x),  # square(sqrt(x)) = x
    rule(square(sqrt_abs(x)), absolute(x)),  # square(sqrt_abs(x)) = abs(x)
    rule(square(absolute(x)), square(x)),  # square(abs(x)) = square(x)
    rule(square(-x), square(x)),  # square(-x) = square(x)
    rule(absolute(x) * absolute(x), square(x)),  # abs(x) * abs(x) = square(x)
    rule(sqrt(x) * sqrt(x), x),  # sqrt(x) * sqrt(x) = x
    rule(x / sqrt(x), sqrt(x)),  # x / sqrt(x) = sqrt(x)
    rule(square(x) / x, x),  # square(x) / x = x
    rule(x / square(x), 1 / x),  # x / square(x) = 1 / x
    rule(x * x, square(x)),  # x * x = square(x)
    rule(x**2, square(x)),  # x**2 = square(x)
    rule(x**0.5, sqrt(x)),  # x**0.5 = sqrt(x)
    rule(power_abs(x, 2), square(x)),  # power_abs(x, 2) = square(x)
    rule(power_abs(x, 1), absolute(x)),  # power_abs(x, 1) = abs(x)
    rule(power_abs(x, 0.5), sqrt_abs(x)),  # power_abs(x, 0.5) = sqrt_abs(x)
    rule(sqrt_abs(absolute(x)), sqrt_abs(x)),  # sqrt_abs(abs(x)) = sqrt_abs(x)
    rule(sqrt_abs(-x), sqrt_abs(x)),  # sqrt_abs(-x) = sqrt_abs(x)
    rule(sqrt_abs(x), sqrt(x), not_below_zero(x)),  # sqrt_abs(x) = sqrt(x), x >= 0
    rule(cbrt(cube(x)), x),  # cbrt(cube(x)) = x
    rule(cube(cbrt(x)), x),  # cube(cbrt(x)) = x
    rule(reciprocal(reciprocal(x)), x),  # reciprocal(reciprocal(x)) = x
    rule(1 / (1 / x), x),  # 1 / (1 / x) = x
    rule(x * (1 / y), x / y),  # x * (1 / y) = x / y
    rule(x / (1 / y), x * y),  # x / (1 / y) = x * y
    rule(exp(log(x)), x),  # exp(log(x)) = x
    rule(log(exp(x)), x),  # log(exp(x)) = x
    rule(tanh(arctanh(x)), x),  # tanh(arctanh(x)) = x
    rule(sinh(arcsinh(x)), x),  # sinh(arcsinh(x)) = x
    rule(arcsinh(sinh(x)), x),  # arcsinh(sinh(x)) = x
)

CONSTANTS = (
    rule(c * (d * x), (c * d) * x),  # c * (d * x) = c * d * x
    rule(c * (x / d), (c / d) * x),  # c * (x / d) = c / d * x
    rule((c * x) / d, (c / d) * x),  # c * x / d = c / d * x
    rule((x / c) / d, x / (c * d)),  # x / c / d = x / (c * d)
    rule(c + (d + x), (c + d) + x),  # c + (d + x) = c + d + x
    rule((x + c) - d, x + (c - d)),  # x + c - d = x + (c - d)
    rule((x - c) - d, x - (c + d)),  # x - c - d = x - (c + d)
    rule(x + c * x, (c + 1) * x),  # x + c * x = (c + 1) * x
    rule(x - c * x, (1 - c) * x),  # x - c * x = (1 - c) * x
    rule(c * x + d * x, (c + d) * x),  # c * x + d * x = (c + d) * x
    rule(c * x - d * x, (c - d) * x),  # c * x - d * x = (c - d) * x
)

FACTORS = (
    rule(x * y + x * z, x * (y + z)),  # x * y + x * z = x * (y + z)
    rule(x * y - x * z, x * (y - z)),  # x * y - x * z = x * (y - z)
    rule(x / z + y / z, (x + y) / z),  # x / z + y / z = (x + y) / z
    rule(x / z - y / z, (x - y) / z),  # x / z - y / z = (x - y) / z
    rule((x * y) / y, x),  # x * y / y = x
    rule((x / y) * y, x),  # x / y * y = x
    rule((x + y) - y, x),  # x + y - y = x
    rule((x - y) + y, x),  # x - y + y = x
    rule(x + (y - x), y),  # x + (y - x) = y
    rule(x - (x - y), y),  # x - (x - y) = y
    rule(x + y * (z - x), lerp(x, z, y)),  # x + y * (z - x) = lerp(x, z, y)
    rule((1 - y) * x + y * z, lerp(x, z, y)),  # (1 - y) * x + y * z = lerp(x, z, y)
    rule(x - y * (x - z), lerp(x, z, y)),  # x - y * (x - z) = lerp(x, z, y)
    rule(c * x + d * y, lerp(x, y, d), shares(c, d)),  # c * x + d * y = lerp(x, y, d), c + d = 1
    rule(divide_no_nan(x, y), x / y, above_zero(y)),  # divide_no_nan(x, y) = x / y, y > 0
    rule(maximum(x, 0), x, not_below_zero(x)),  # max(x, 0) = x, x >= 0
)

RULES: tuple[Rule, ...] = NEUTRAL + SIGNS + POWERS + CONSTANTS + FACTORS

# What holds only where a caveat says: used where somebody is to read the rule, never for its key.
NEARLY: tuple[Rule, ...] = (
    Rule(
        divide_eps(x, absolute(x)), sign(x), caveat="where abs(x) is far above 1e-08"
    ),  # divide_eps(x, abs(x)) = sign(x)
)
