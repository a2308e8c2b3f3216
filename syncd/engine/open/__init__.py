"""What a pass knows before it decides: what the portal says, what a restored side means, what lies on the disk."""
