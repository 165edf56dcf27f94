"""The asset graph as text: one line per asset with what it is made from. Run to write the snapshot."""

from pathlib import Path

SNAPSHOT = Path(__file__).with_name("asset_graph.txt")


def draw_graph() -> str:
    """Group, key and upstream keys of every asset, then the checks by asset."""
    from dagster_project.definitions import build_defs

    graph = build_defs().resolve_asset_graph()
    lines = []
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        parents = " ".join(sorted(parent.to_user_string() for parent in node.parent_keys))
        lines.append(f"[{node.group_name}] {key.to_user_string()} <- {parents}".rstrip(" <-"))
    checks = sorted(
        f"check {c.asset_key.to_user_string()}: {c.name}" for c in graph.asset_check_keys
    )
    return "\n".join([*lines, *checks]) + "\n"


if __name__ == "__main__":
    SNAPSHOT.write_text(draw_graph())
