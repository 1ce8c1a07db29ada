"""The steps of a run, one module each: functions that a task calls with a folder to fill."""
