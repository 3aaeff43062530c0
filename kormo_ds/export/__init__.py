"""A checkpoint for other people's programs.

llama    Hugging Face's `LlamaForCausalLM`: what transformers, vLLM and llama.cpp read
"""
