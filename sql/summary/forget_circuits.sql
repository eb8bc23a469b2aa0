DELETE FROM summary_circuit
