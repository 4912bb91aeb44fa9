"""The browser's view of the market: one Solara application behind a small guard, one market for each visitor.

`server` is the command, `app` the application with its guard, `pages` what is shown, `widgets` the pieces that the
browser draws, `series` the tables turned into what is sent. Nothing here is imported by `market` or `experiments`.
"""
