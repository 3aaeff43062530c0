"""A checkpoint for other people's programs.

llama      Hugging Face's `LlamaForCausalLM`: what transformers, vLLM and llama.cpp read
card       its README.md
card_data  the card's part on mixtures
facts      what a checkpoint and its run's folder say of themselves
in_lake    what a lake holds of a checkpoint
markdown   text and tables in which no name is markup
"""
