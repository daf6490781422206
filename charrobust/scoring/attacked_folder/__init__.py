"""A folder of the versions of a data set: written by ``charrobust attack``, predicted anywhere, scored here.

Beside the clean data and each attacked version lie the edit logs, and a manifest that says how all of it is read. The
files are complete data sets in the format of the input, so that whatever makes predictions reads them as it reads that.
"""
