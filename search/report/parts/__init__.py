"""The sections of the page, each a function from the values of a report to its markup."""
