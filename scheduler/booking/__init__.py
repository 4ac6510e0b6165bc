"""Pure decisions about bookings: events, states, routes and the next step."""
