"""Make Superset's own database and its one user. Runs inside Superset's environment, see run.py."""

import os
from pathlib import Path

from flask_migrate import upgrade
from superset.app import create_app


def main() -> None:
    application = create_app()
    with application.app_context():
        from superset.extensions import appbuilder, security_manager

        upgrade()
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        name = os.environ["USER_NAME"]
        if security_manager.find_user(name) is None:
            password = Path(os.environ["GONGKAI_SUPERSET_HOME"], "admin_password").read_text()
            role = security_manager.find_role("Admin")
            security_manager.add_user(
                name, "Gongkai", "Admin", "admin@localhost", role, password=password
            )


if __name__ == "__main__":
    main()
