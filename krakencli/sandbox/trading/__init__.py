"""Accounts and their orders: everything private, in integers and without sockets.

account, order                   who owns what, and what has become of each order
asks                             what a client asks for, checked for sense
service -> admission -> desk     whether it may ask, whether the market lets it in, and what comes of it
amendment, stops, alarms         orders that change, wait for a price, or for a time
till, amounts                    money, to the last unit
counter                          how much may be asked for
reports, ledger                  the text of `executions` and `balances`
"""
