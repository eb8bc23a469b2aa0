DELETE FROM summary_track
