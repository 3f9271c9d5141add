"""Command line ``taylorbeam``: JSON or tables on stdout, everything else on stderr.

Exit codes: 0 done, 1 the physics has no answer (unstable motion, no closed orbit), 2 bad input.
"""

from __future__ import annotations

import click

from optics.cli.dynamic_aperture import da_command
from optics.cli.frequency_map import fma_command
from optics.cli.info import info
from optics.cli.map import map_command
from optics.cli.radiation import radiation_command
from optics.cli.track import track_command
from optics.cli.twiss import twiss_command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="taylorbeam")
def main() -> None:
    """Optics, Taylor maps and tracking of accelerator lattices in MAD-X files.

    \b
    Examples:
      taylorbeam info ring.madx
      taylorbeam twiss ring.madx --at "qf*"
      taylorbeam twiss ring.madx --json twiss.json --tfs twiss.tfs --plot optics.png
      taylorbeam twiss line.madx --initial betx=5,alfx=0,bety=5,alfy=0
      taylorbeam map ring.madx --order 3 --knobs kqf,kqd --knob-order 1 --json -
      taylorbeam track ring.madx --particles 1000 --turns 1000 --beam ex=1e-8,ey=1e-10 --json -
      taylorbeam radiation ring.madx --plot envelope.png
      taylorbeam da ring.madx --turns 1000 --delta -0.02,0,0.02 --plot aperture.png
      taylorbeam fma ring.madx --range 0,0.02,0,0.01 --plot map.png

    Exit codes: 0 done, 1 unstable motion or no closed orbit, 2 bad input.
    """


main.add_command(info)
main.add_command(twiss_command)
main.add_command(map_command)
main.add_command(track_command)
main.add_command(da_command)
main.add_command(radiation_command)
main.add_command(fma_command)
