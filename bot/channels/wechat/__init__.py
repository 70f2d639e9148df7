"""WeChat Official Accounts: passive replies, customer messages, the menu."""
