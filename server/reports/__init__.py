"""Reports: one file each, and its line here. They read the views of ``server.models.views`` and write nothing."""
