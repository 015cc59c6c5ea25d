"""How scores follow what people do: marks by triggers, the drain, the audit and the rebuild."""
