"""Shows: pages, components, charts. Holds no formula."""
