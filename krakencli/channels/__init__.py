"""The channels that the program streams: one file each, listed here once.

A new channel is one file, one line below and one test file; everything else follows from the `Channel`.
"""

from krakencli.channels.balances import BALANCES
from krakencli.channels.book import BOOK
from krakencli.channels.executions import EXECUTIONS
from krakencli.channels.instrument import INSTRUMENT
from krakencli.channels.level3 import LEVEL3
from krakencli.channels.ohlc import OHLC
from krakencli.channels.open_orders import OPEN_ORDERS
from krakencli.channels.own_trades import OWN_TRADES
from krakencli.channels.spread import SPREAD
from krakencli.channels.status import STATUS
from krakencli.channels.ticker import TICKER
from krakencli.channels.trade import TRADE
from krakencli.model import Channel

PUBLIC = (TICKER, TRADE, OHLC, BOOK, LEVEL3, SPREAD, INSTRUMENT, STATUS)
PRIVATE = (EXECUTIONS, OPEN_ORDERS, OWN_TRADES, BALANCES)

CHANNELS: dict[str, Channel] = {channel.name: channel for channel in (*PUBLIC, *PRIVATE)}
