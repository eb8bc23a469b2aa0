SELECT circuit_id, runs
FROM summary_circuit
