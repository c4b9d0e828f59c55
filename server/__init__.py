"""The centre: it merges, orders, keeps and serves. ``create_app`` puts it together."""

import os
import weakref

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from server import first_syncs, holding, observability, problems
from server.api import BLUEPRINTS
from server.api_document import OPENAPI, DocumentedApi, describe
from server.centre import EXTENSION, Centre, open_centre
from server.config import Settings, settings_from
from server.extensions import limit_attempts
from server.jobs import running


def create_app(settings: Settings | None = None, *, centre: Centre | None = None) -> Flask:
    """Return the application.

    ``centre``: one that is open already, as tests and commands have; otherwise it is opened from ``settings``, or from
    the environment.
    :raises StoreHeld: while the store is being restored.
    """
    app = Flask(__name__)
    opened = centre or open_centre(settings or settings_from())
    app.extensions[EXTENSION] = opened
    app.extensions["husec-hold"] = weakref.finalize(app, os.close, holding.share(opened.settings.data_dir))
    app.config.update(OPENAPI, MAX_CONTENT_LENGTH=opened.settings.body_bytes_max, PROPAGATE_EXCEPTIONS=False)
    if opened.settings.proxy_hops:
        hops = opened.settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    limit_attempts(app)
    first_syncs.install(app, opened.settings.first_syncs_max)
    api = DocumentedApi(app)
    describe(api)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    problems.install(app)
    observability.install(app)
    if opened.settings.jobs:
        app.extensions["husec-jobs"] = running.start(opened)
    return app
