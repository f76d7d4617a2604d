"""The report of a run: `write(run_folder)` makes one HTML page that needs no network."""

from .collect.cards import CARDS as CARDS
from .data import ReportData as ReportData
from .page import page as page
from .write import write as write
