"""The room's check: what people upload can be kept."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.health import health
from foundation.health.health import Problem

# Room for some hundred applications with all their papers.
LEAST_FREE = 2 * 2**30


def check() -> Iterator[Problem]:
    folder = Path(settings.DOCUMENT_ROOT)
    # Made by the first upload; until then what counts is the folder above.
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".check-"):
            pass
    except OSError as error:
        yield Problem(
            "files.not_writable",
            _("材料存放处不能写入（%(error)s）：企业无法上传") % {"error": type(error).__name__},
            _("检查 DATA_DIR 所在的磁盘是否已挂载、权限是否正确。"),
        )
        return
    free = shutil.disk_usage(there).free
    if free < LEAST_FREE:
        yield Problem(
            "files.disk_full",
            _("材料存放处只剩 %(free).1f GB") % {"free": free / 2**30},
            _("扩大 DATA_DIR 所在的磁盘；不要删除其中的文件。"),
        )


def register() -> None:
    health.register("files", gettext_lazy("材料存放"), check, serving=True)
