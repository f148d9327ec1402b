"""Real bugs of Linux, of memory hotplug and of its locks, each before and after its fix."""
