"""Parts of the table of texts, one module for each part of the page."""
