"""Tandem and a Xero to connect it to, on one machine, with one command. Not for production.

`main` starts the parts in order and stops them all; `options` is the command line, `environment` what
Django's settings are given, `processes` the parts beside the web server, `seed` the first data.
"""
