"""Dhan's own Python client, unchanged but for its base addresses, against the simulator."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import io
import struct
import time

from dhanhq import DhanContext, OrderUpdate, dhanhq
from dhanhq.auth import DhanLogin
from dhanhq.dhan_http import DhanHTTP

from simulator import SimulatorTestCase


class DhanClientTest(SimulatorTestCase):
    @classmethod
    def connect(cls):
        DhanHTTP.API_BASE_URL = cls.simulator.url + "/v2"
        DhanLogin.API_BASE_URL = cls.simulator.url + "/v2"
        DhanLogin.AUTH_BASE_URL = cls.simulator.url
        cls.client = cls.simulator.description["dhan"][0]
        cls.log_in(cls.client["access_token"])

    @classmethod
    def log_in(cls, token):
        cls.context = DhanContext(cls.client["client_id"], token)
        cls.dhan = dhanhq(cls.context)

    def place(self, **changes):
        order = {
            "security_id": "2885",
            "exchange_segment": self.dhan.NSE,
            "transaction_type": self.dhan.BUY,
            "quantity": 10,
            "order_type": self.dhan.LIMIT,
            "product_type": self.dhan.INTRA,
            "price": 1500,
        }
        order.update(changes)
        return self.succeeded(self.dhan.place_order(**order))["orderId"]

    def succeeded(self, answer):
        self.assertEqual(answer["status"], "success", answer)
        return answer["data"]

    def order(self, order_id):
        return self.succeeded(self.dhan.get_order_by_id(order_id))

    def settled(self, order_id):
        return self.eventually(lambda: self.order(order_id), lambda order: order["orderStatus"] != "TRANSIT")

    def setUp(self):
        self.simulator.set_price("NSE:RELIANCE-EQ", 1600)

    def test_place_list_modify_cancel(self):
        order_id = self.place(tag="client-place-1")
        self.assertEqual(self.settled(order_id)["orderStatus"], "PENDING")
        self.assertIn(order_id, [row["orderId"] for row in self.succeeded(self.dhan.get_order_list())])
        by_tag = self.succeeded(self.dhan.get_order_by_correlationID("client-place-1"))
        self.assertEqual(by_tag["orderId"], order_id)
        self.succeeded(self.dhan.modify_order(order_id, "LIMIT", "", 12, 1501, 0, 0, "DAY"))
        changed = self.order(order_id)
        self.assertEqual((changed["quantity"], changed["price"]), (12, 1501.0))
        self.succeeded(self.dhan.cancel_order(order_id))
        self.assertEqual(self.order(order_id)["orderStatus"], "CANCELLED")

    def test_fill_and_portfolio(self):
        order_id = self.place(order_type=self.dhan.MARKET, price=0)
        filled = self.eventually(lambda: self.order(order_id), lambda order: order["orderStatus"] == "TRADED")
        self.assertEqual(filled["filledQty"], 10)
        trades = self.succeeded(self.dhan.get_trade_book(order_id))
        self.assertEqual(sum(trade["tradedQuantity"] for trade in trades), 10)
        self.assertTrue(self.succeeded(self.dhan.get_trade_book()))
        positions = self.succeeded(self.dhan.get_positions())
        held = [row for row in positions if row["securityId"] == "2885"]
        self.assertEqual(held[0]["positionType"], "LONG")
        funds = self.succeeded(self.dhan.get_fund_limits())
        self.assertLess(funds["availabelBalance"], funds["sodLimit"])
        # None is an error at Dhan.
        holdings = self.dhan.get_holdings()
        self.assertEqual(holdings["remarks"]["error_code"], "DH-1111")
        margin = self.succeeded(self.dhan.margin_calculator("2885", "NSE_EQ", "BUY", 10, "INTRADAY", 1600.0))
        self.assertGreater(margin["totalMargin"], 0)

    def test_slices(self):
        future = self.simulator.control("GET", "/prices?symbol=" + self.future())
        answer = self.dhan.place_slice_order(
            future["security_id"], "NSE_FNO", "BUY", future["freeze"] + future["lot"], "MARKET", "MARGIN", 0
        )
        self.assertEqual(len(self.succeeded(answer)), 2)

    def future(self):
        """The nearest NIFTY future, read from the file that Fyers publishes."""
        import urllib.request

        with urllib.request.urlopen(self.simulator.url + "/sym_details/NSE_FO.csv") as answer:
            rows = [line.split(",") for line in answer.read().decode().splitlines()]
        return next(row[9] for row in rows if row[13] == "NIFTY" and row[2] == "11")

    def test_quotes(self):
        wanted = {"NSE_EQ": [2885, 1333], "IDX_I": [13]}
        for read in (self.dhan.ticker_data, self.dhan.ohlc_data, self.dhan.quote_data):
            data = self.succeeded(read(dict(wanted)))["data"]
            self.assertGreater(data["NSE_EQ"]["2885"]["last_price"], 0)
            self.assertGreater(data["IDX_I"]["13"]["last_price"], 0)

    def test_refusals(self):
        answer = self.dhan.place_order("2885", "NSE_EQ", "BUY", 10, "LIMIT", "INTRADAY", 1500.03)
        self.assertEqual(answer["remarks"]["error_code"], "DH-905")
        self.assertEqual(self.dhan.cancel_order("1")["remarks"]["error_code"], "DH-906")
        stranger = dhanhq(DhanContext(self.client["client_id"], "nonsense"))
        self.assertEqual(stranger.get_order_list()["remarks"]["error_code"], "DH-901")

    def test_order_updates(self):
        updates = OrderUpdate(self.context)
        updates.order_feed_wss = self.simulator.url.replace("http", "ws") + "/"
        heard = []
        updates.on_update = lambda message: heard.append(message["Data"])

        async def listen():
            listening = asyncio.ensure_future(updates.connect_order_update())
            while self.simulator.control("GET", "/feeds")["feeds"] == 0:
                await asyncio.sleep(0.01)
            # The login is read before any call that comes after it was sent.
            await asyncio.sleep(0.1)
            order_id = await asyncio.to_thread(self.place, order_type=self.dhan.MARKET, price=0, tag="heard-1")
            while not any(row["correlationId"] == "heard-1" and row["status"] == "Traded" for row in heard):
                await asyncio.sleep(0.01)
            listening.cancel()
            return order_id

        # It prints what it sends.
        with contextlib.redirect_stdout(io.StringIO()):
            order_id = asyncio.run(asyncio.wait_for(listen(), 20))
        # It hears of the other tests' orders too.
        mine = [row for row in heard if row["correlationId"] == "heard-1"]
        self.assertEqual([row["status"] for row in mine], ["Transit", "Pending", "Traded"])
        self.assertEqual({row["orderNo"] for row in mine}, {order_id})

    def test_kill_switch_needs_a_flat_book(self):
        self.place()
        self.assertEqual(self.dhan.kill_switch("ACTIVATE")["remarks"]["error_code"], "DH-906")
        self.assertEqual(self.succeeded(self.dhan.status_kill_switch())["killSwitchStatus"], "DEACTIVATE")

    def test_tokens(self):
        login = DhanLogin(self.client["client_id"])
        renewed = login.renew_token(self.context.get_access_token())
        self.log_in(renewed["accessToken"])
        self.assertIn("tokenValidity", login.user_profile(renewed["accessToken"]))
        made = login.generate_token(self.client["pin"], totp(self.client["totp_secret"]))
        # The one before is dead from now on.
        self.assertEqual(self.dhan.get_order_list()["remarks"]["error_message"], "Invalid Token")
        again = login.generate_token(self.client["pin"], totp(self.client["totp_secret"]))
        self.assertEqual(again["status"], "error")
        self.log_in(made["accessToken"])
        self.succeeded(self.dhan.get_order_list())


def totp(secret):
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    offset = digest[19] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1000000:06d}"
