"""Starts the built broker-simulator for one test class, and ends that process alone."""

import json
import os
import subprocess
import unittest
import urllib.request

BINARY = os.environ["BROKER_SIMULATOR"]


class Simulator:
    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [BINARY, "--port", "0", "--control-port", "0", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        self.description = json.loads(line)
        self.url = self.description["url"]

    def control(self, method, path, body=None):
        request = urllib.request.Request(
            self.description["control_url"] + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def set_price(self, symbol, price):
        self.control("POST", "/prices", {"symbol": symbol, "price": price})

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class SimulatorTestCase(unittest.TestCase):
    """Each class has a simulator of its own, without the brokers' call limits."""

    arguments = ("--no-rate-limits",)

    @classmethod
    def setUpClass(cls):
        cls.simulator = Simulator(*cls.arguments)
        cls.addClassCleanup(cls.simulator.stop)
        cls.connect()

    @classmethod
    def connect(cls):
        raise NotImplementedError

    def eventually(self, read, is_wanted):
        """Orders move on in milliseconds; reads until they have."""
        for _ in range(400):
            value = read()
            if is_wanted(value):
                return value
        self.fail(f"never came: {value}")
