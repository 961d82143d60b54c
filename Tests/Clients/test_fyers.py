"""Fyers' own Python client, unchanged but for its base addresses, against the simulator."""

import tempfile
import threading
import urllib.parse
import urllib.request

from fyers_apiv3 import fyersModel
from fyers_apiv3.FyersWebsocket import order_ws

from simulator import SimulatorTestCase


class FyersClientTest(SimulatorTestCase):
    @classmethod
    def connect(cls):
        fyersModel.Config.API = cls.simulator.url + "/api/v3"
        fyersModel.Config.DATA_API = cls.simulator.url + "/data"
        cls.client = cls.simulator.description["fyers"][0]
        # It logs into files.
        cls.logs = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.logs.cleanup)
        cls.fyers = cls.log_in(cls.client["access_token"])

    @classmethod
    def log_in(cls, token):
        return fyersModel.FyersModel(
            client_id=cls.client["app_id"], token=token, is_async=False, log_path=cls.logs.name, log_level="CRITICAL"
        )

    def order(self, **changes):
        order = {
            "symbol": "NSE:SBIN-EQ",
            "qty": 5,
            "type": 1,
            "side": 1,
            "productType": "INTRADAY",
            "limitPrice": 800,
            "stopPrice": 0,
            "disclosedQty": 0,
            "validity": "DAY",
            "offlineOrder": False,
            "stopLoss": 0,
            "takeProfit": 0,
        }
        order.update(changes)
        return order

    def setUp(self):
        self.simulator.set_price("NSE:SBIN-EQ", 850)

    def row(self, order_id):
        answer = self.fyers.orderbook({"id": order_id})
        self.assertEqual(answer["s"], "ok", answer)
        return answer["orderBook"][0]

    def settled(self, order_id):
        return self.eventually(lambda: self.row(order_id), lambda row: row["status"] != 4)

    def test_place_list_modify_cancel(self):
        placed = self.fyers.place_order(self.order(orderTag="clientplace1"))
        self.assertEqual((placed["s"], placed["code"]), ("ok", 1101), placed)
        self.assertEqual(self.settled(placed["id"])["status"], 6)
        by_tag = self.fyers.orderbook({"order_tag": "1:clientplace1"})["orderBook"]
        self.assertEqual([row["id"] for row in by_tag], [placed["id"]])
        self.assertEqual(by_tag[0]["orderTag"], "1:clientplace1")
        changed = self.fyers.modify_order({"id": placed["id"], "type": 1, "limitPrice": 801, "qty": 6})
        self.assertEqual(changed["code"], 1102, changed)
        self.assertEqual((self.row(placed["id"])["limitPrice"], self.row(placed["id"])["qty"]), (801.0, 6))
        cancelled = self.fyers.cancel_order({"id": placed["id"]})
        self.assertEqual(cancelled["code"], 1103, cancelled)
        self.assertEqual(self.row(placed["id"])["status"], 1)

    def test_fill_and_portfolio(self):
        placed = self.fyers.place_order(self.order(type=2, limitPrice=0))
        self.eventually(lambda: self.row(placed["id"]), lambda row: row["status"] == 2)
        self.assertIn(placed["id"], [row["orderNumber"] for row in self.fyers.tradebook()["tradeBook"]])
        positions = self.fyers.positions()
        self.assertEqual(positions["netPositions"][0]["symbol"], "NSE:SBIN-EQ")
        self.assertEqual(self.fyers.holdings()["holdings"], [])
        funds = {row["id"]: row for row in self.fyers.funds()["fund_limit"]}
        self.assertEqual(funds[10]["title"], "Available Balance")
        self.assertEqual(self.fyers.get_profile()["data"]["fy_id"], self.client["client_id"])
        closed = self.fyers.exit_positions({"id": "NSE:SBIN-EQ-INTRADAY"})
        self.assertEqual(closed["code"], 200, closed)
        self.eventually(
            lambda: self.fyers.positions()["netPositions"][0], lambda row: row["netQty"] == 0 and row["side"] == 0
        )

    def test_batches(self):
        answer = self.fyers.place_basket_orders([self.order(), self.order(qty=0), self.order(side=-1, limitPrice=900)])
        self.assertEqual(answer["s"], "ok", answer)
        self.assertEqual([item["statusCode"] for item in answer["data"]], [200, 400, 200])
        ids = [item["body"]["id"] for item in answer["data"] if item["statusCode"] == 200]
        for order_id in ids:
            self.settled(order_id)
        cancelled = self.fyers.cancel_basket_orders([{"id": order_id} for order_id in ids])
        self.assertEqual([item["body"]["code"] for item in cancelled["data"]], [1103, 1103])

    def test_quotes(self):
        answer = self.fyers.quotes({"symbols": "NSE:SBIN-EQ,NSE:M&M-EQ,NSE:NOBODY-EQ"})
        self.assertEqual([item["s"] for item in answer["d"]], ["ok", "ok", "error"])
        self.assertEqual(answer["d"][0]["v"]["lp"], 850.0)
        depth = self.fyers.depth({"symbol": "NSE:SBIN-EQ", "ohlcv_flag": "1"})
        self.assertEqual(len(depth["d"]["NSE:SBIN-EQ"]["ask"]), 5)
        self.assertTrue(self.fyers.market_status()["marketStatus"])

    def test_refusals(self):
        self.assertEqual(self.fyers.place_order(self.order(symbol="NSE:NOBODY-EQ"))["code"], -300)
        self.assertEqual(self.fyers.place_order(self.order(limitPrice=800.03))["code"], -50)
        self.assertEqual(self.fyers.cancel_order({"id": "1"})["code"], -51)
        self.assertEqual(self.log_in("nonsense").get_profile()["code"], -17)

    def test_order_socket(self):
        opened, traded = threading.Event(), threading.Event()
        heard = {"orders": [], "trades": [], "positions": []}

        def on_orders(message):
            heard["orders"].append(message["orders"])
            if message["orders"]["status"] == 2:
                traded.set()

        socket = order_ws.FyersOrderSocket(
            access_token=f"{self.client['app_id']}:{self.client['access_token']}",
            write_to_file=True,
            log_path=self.logs.name,
            on_orders=on_orders,
            on_trades=lambda message: heard["trades"].append(message["trades"]),
            on_positions=lambda message: heard["positions"].append(message["positions"]),
            on_general=lambda message: opened.set() if message.get("code") == 1605 else None,
            on_error=lambda message: None,
            on_close=lambda message: None,
            on_connect=lambda: socket.subscribe(data_type="OnOrders,OnTrades,OnPositions"),
            reconnect=False,
        )
        # There is no other way to its address.
        socket._FyersOrderSocket__url = self.simulator.url.replace("http", "ws") + "/trade/v3"
        socket.keep_running()
        socket.connect()
        self.assertTrue(opened.wait(20))
        placed = self.fyers.place_order(self.order(type=2, limitPrice=0, orderTag="heard1"))
        self.assertTrue(traded.wait(20))
        mine = [row for row in heard["orders"] if row["id"] == placed["id"]]
        self.assertEqual([row["status"] for row in mine], [4, 6, 2])
        self.assertEqual({row["orderTag"] for row in mine}, {"1:heard1"})
        socket.close_connection()

    def test_login(self):
        session = fyersModel.SessionModel(
            client_id=self.client["app_id"],
            secret_key=self.client["app_secret"],
            redirect_uri="http://127.0.0.1/callback",
            response_type="code",
            grant_type="authorization_code",
            state="a state",
        )

        class KeepRedirect(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *arguments):
                return None

        opener = urllib.request.build_opener(KeepRedirect)
        with self.assertRaises(urllib.error.HTTPError) as raised:
            opener.open(session.generate_authcode())
        raised.exception.close()
        target = urllib.parse.urlparse(raised.exception.headers["Location"])
        values = dict(urllib.parse.parse_qsl(target.query))
        self.assertEqual((values["s"], values["state"]), ("ok", "a state"))
        session.set_token(values["auth_code"])
        tokens = session.generate_token()
        self.assertEqual(tokens["s"], "ok", tokens)
        self.assertEqual(self.log_in(tokens["access_token"]).get_profile()["s"], "ok")
        # A code is good once.
        self.assertEqual(session.generate_token()["s"], "error")
