"""What `manage.py bench` measures of orders."""
