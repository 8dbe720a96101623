"""The operator shell: what is said in the chat, how it gets there, and how all is started."""
