"""The outside world: Link, MIDI, OSC and JACK, each switched on by the user.

`link`, `midi_clock` and `jack_transport` keep time with others and run in the audio server, beside the
callback; `midi` and `osc` turn notes, controllers and messages into the calls that the window makes, and run
in the desk.
"""
