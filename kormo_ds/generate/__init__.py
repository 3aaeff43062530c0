"""Documents and labels from LLMs behind endpoints that speak the OpenAI protocol."""
