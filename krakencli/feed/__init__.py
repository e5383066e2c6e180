"""The feed: what the user wants to see, kept alive over connections that come and go."""

from krakencli.feed.connection import GIVE_UP_CONNECTING_AFTER
from krakencli.feed.conversation import FILLED
from krakencli.feed.feed import Feed
from krakencli.feed.output import Output, RawFrame
from krakencli.feed.speech import Speech
from krakencli.feed.standing import Standing

__all__ = ["FILLED", "GIVE_UP_CONNECTING_AFTER", "Feed", "Output", "RawFrame", "Speech", "Standing"]
