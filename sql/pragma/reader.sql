PRAGMA busy_timeout = 250;
PRAGMA query_only = ON;
PRAGMA wal_autocheckpoint = 0;
PRAGMA cell_size_check = ON;
PRAGMA trusted_schema = OFF;
PRAGMA mmap_size = 0;
