"""Insights as one page of HTML with plots; needs the extra `report`."""
