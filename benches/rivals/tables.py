"""The tables of docs/benchmarks.md."""
import datetime
import importlib.metadata
import os
import platform
import subprocess

from cases import APPLICATIONS
from contenders import HERE, NAMES

PAGE = os.path.join(HERE, "../../docs/benchmarks.md")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
PACKAGES = ["keras", "tensorflow-cpu", "jax", "openvino", "onnxruntime", "numpy"]


def number(value):
    """With three digits, as long as there are as many."""
    return f"{value:.0f}" if value >= 100 else f"{value:.{2 if value < 10 else 1}f}" if value >= 0.1 else f"{value:.4f}"


def best(results):
    """The rival that takes the least, relative to keras-rs."""
    rivals = {name: result["ratio"] for name, result in results.items() if name != "keras-rs"}
    return min(rivals.items(), key=lambda item: item[1], default=(None, None))


def label(row):
    return f"{APPLICATIONS.get(row['model'], row['model'])}, {row['batch']}"


def line(row):
    """A row for people who wait."""
    parts = [f"{name} {number(result['median_ms'])}" for name, result in row["results"].items()]
    rival, ratio = best(row["results"])
    return f"{label(row)} {row['kind']}: {', '.join(parts)} ms" + (f"; {rival} / keras-rs {ratio:.2f}" if rival else "")


def table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def of_rows(head, rows, names, cell, last=None):
    body = [[label(row), *(cell(row["results"][name]) if name in row["results"] else "-" for name in names),
             *([last(row["results"])] if last else [])] for row in rows]
    return table([head, *(NAMES[name] for name in names), *(["best rival / keras-rs"] if last else [])], body)


def processor():
    def field(name):
        with open("/proc/cpuinfo") as info:
            return next((line.split(":")[1].strip() for line in info if line.startswith(name)), "")

    flags = field("flags").split()
    wide = next((name for flag, name in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if flag in flags), platform.machine())
    return f"{field('model name')} (family {field('cpu family')}, model {field('model')}, {wide}), {os.cpu_count()} processors"


def commit():
    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=HERE, stdout=subprocess.PIPE, text=True).stdout.strip()

    changed = ", with changes" if git("status", "--porcelain") else ""
    return git("rev-parse", "--short", "HEAD") + changed


def text(options, rows, cold):
    versions = ", ".join(f"{package} {importlib.metadata.version(package)}" for package in PACKAGES)
    lines = [
        f"On {datetime.date.today()}: {processor()}, Linux {platform.release()}; keras-rs at {commit()}, {options.build}; {versions}.",
        f"Threads: {options.threads}. Milliseconds, median and minimum of {options.rounds} turns of about {options.seconds:g} s.",
        "A ratio is the middle one of those of the turns; above 1 keras-rs is ahead.",
        "",
    ]
    names = ["keras-rs", *options.rivals]
    times = lambda result: f"{number(result['median_ms'])} / {number(result['min_ms'])}"
    ratio = lambda results: f"{best(results)[1]:.2f} ({NAMES[best(results)[0]]})" if best(results)[0] else "-"
    predict = [row for row in rows if row["kind"] == "predict"]
    train = [row for row in rows if row["kind"] == "train"]
    trainers = [name for name in names if name in ("keras-rs", "tensorflow", "jax")]
    if predict:
        lines += ["### Predictions", "", *of_rows("model, batch", predict, names, times, ratio)]
        errors = [result["error"] for row in predict for result in row["results"].values()]
        lines += [f"Outputs differ from those of Keras on TensorFlow by at most {max(errors):.1e} of the largest one.", ""]
    if train:
        lines += ["### Training steps", "", *of_rows("model, batch", train, trainers, times, ratio)]
    if cold:
        # A program from its start to its end.
        body = [[NAMES[name], f"{result['seconds']:.2f}", f"{result['mb']:.0f}"] for name, result in cold.items()]
        lines += ["### Cold start", "", "A program that loads ResNet50, predicts one image and ends.", "",
                  *table(["program", "seconds", "peak memory, MB"], body)]
    loads = [row for row in predict if row["batch"] == 1 and row["model"] in APPLICATIONS]
    if loads:
        lines += ["### Loading", "", "Milliseconds until the model can be called, and of the first call. VGG16 has a file of 553 MB.", "",
                  *of_rows("model, batch", loads, names, lambda r: f"{number(r['load_ms'])} + {number(r['first_ms'])}")]
    if rows:
        lines += ["### Peak memory", "", "Megabytes of the whole process.", ""]
        for kind, some, who in (("predict", predict, names), ("train", train, trainers)):
            if some:
                lines += of_rows(kind, some, who, lambda r: f"{r['peak_rss_mb']:.0f}")
    return "\n".join(lines).rstrip() + "\n"


def replace(text):
    """Puts the tables in place of those of the page."""
    with open(PAGE) as page:
        before, rest = page.read().split(BEGIN)
    after = rest.split(END)[1]
    with open(PAGE, "w") as page:
        page.write(f"{before}{BEGIN}\n{text}{END}{after}")
