"""What every part of the API shares: problems, pages, filters, money, times and closed doors."""
