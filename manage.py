#!/usr/bin/env python
"""Django's command line for PartnerHub."""

import gc
import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    gc.set_threshold(50_000)  # loading makes many objects and no garbage: looking for it takes a tenth longer
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partnerhub.settings")
    execute_from_command_line(sys.argv)
