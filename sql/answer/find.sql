SELECT digest, status, media, body
FROM answer
WHERE caller = :caller AND path = :path AND key = :key AND at_ms > :since_ms
