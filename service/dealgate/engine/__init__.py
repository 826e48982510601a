"""Which rules fire on these facts?"""
