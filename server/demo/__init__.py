"""The main job on real input: two days in the field, a bad link, and Phrae's published report at the end."""
