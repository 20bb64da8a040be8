# 科服直达: `make run` serves it, `make test` tests it. docs/running.md tells what happens.
# Every path here is relative, so the folder may stand anywhere, spaces and Chinese characters included.
MAKEFLAGS += --no-print-directory
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
VENV_PYTHON := .venv/bin/python
SUPPORTED := 3.11 3.12 3.13

# The first Python that will do; asked for only by the targets that need it.
FIND_PYTHON = for candidate in "$$PYTHON" python3.11 python3 python python3.12 python3.13; do \
		[ -n "$$candidate" ] || continue; \
		version=$$("$$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
		case " $(SUPPORTED) " in *" $$version "*) python=$$candidate; break;; esac; \
	done; \
	if [ -z "$${python:-}" ]; then \
		echo "找不到 Python 3.11：请安装 python3.11（或用 PYTHON=路径 指定）。Python 3.11 is required." >&2; exit 1; \
	fi

.DEFAULT_GOAL := help
.PHONY: help run test test-local test-long bench stop reset lint format lock

help: ## 显示这些命令 show these commands
	@echo "科服直达"; echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'
	@echo; echo "  PORT=端口号 make run 指定端口；.venv/bin/python manage.py COMMAND 随时可用"

run: ## 安装、启动全部服务与演示数据 install and run everything (Ctrl-C stops)
	@$(FIND_PYTHON); "$$python" -m config.local.install "[1/7] "
	@MAKE_PID=$$PPID exec $(VENV_PYTHON) -m config.local.run

test: ## 运行全部测试，含浏览器 run every test (ARGS="-k name" narrows)
	@$(FIND_PYTHON); "$$python" -m config.local.install
	@$(VENV_PYTHON) -m config.local.tests $(ARGS)

test-local: ## 反复杀死本地进程，看能否恢复 kill local processes and see everything come back
	@$(FIND_PYTHON); "$$python" -m config.local.install
	@$(VENV_PYTHON) -m config.local.tests tests/local $(ARGS)

test-long: ## 更多随机过程、每个动作在每个状态对每个人 more random ways, every verb for everybody
	@$(FIND_PYTHON); "$$python" -m config.local.install
	@TEST_LONG=1 $(VENV_PYTHON) -m config.local.tests -n 2 tests/reviews/test_stateful.py tests/reviews/test_every_verb.py $(ARGS)

bench: ## 大数据量下的规则性能 time the rules on many enterprises (BENCH_SIZE=1000000)
	@$(FIND_PYTHON); "$$python" -m config.local.install
	$(VENV_PYTHON) -m bench

stop: ## 停止本地服务 stop the local services
	@$(FIND_PYTHON); "$$python" -m config.local.stop

reset: ## 删除本地数据（.local） remove all local data (asks; YES=1 does not)
	@$(FIND_PYTHON); YES="$(YES)" "$$python" -m config.local.stop reset

lint: ## 检查代码与迁移 check code and migrations
	@$(FIND_PYTHON); "$$python" -m config.local.install
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) manage.py makemigrations --check --dry-run

format: ## 整理代码格式 format the code
	$(VENV_PYTHON) -m ruff check --fix .
	$(VENV_PYTHON) -m ruff format .

lock: ## 重新锁定依赖版本（需要 uv） compile requirements*.txt again (needs uv)
	uv pip compile --quiet --no-cache --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		requirements.in --output-file requirements.txt
	uv pip compile --quiet --no-cache --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--constraint requirements.txt requirements-dev.in --output-file requirements-dev.txt
