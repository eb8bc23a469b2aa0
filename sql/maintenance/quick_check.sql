SELECT quick_check AS answer
FROM pragma_quick_check
LIMIT 5
