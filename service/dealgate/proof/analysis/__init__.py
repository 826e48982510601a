"""Rules and tables analysed over all facts: what is never, always or doubly so, with witnesses."""
