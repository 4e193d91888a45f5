//go:build imports

// Package imports keeps rabbit-hole in go.mod: what is run are its own tests, which its module has with it.
package imports

import _ "github.com/michaelklishin/rabbit-hole/v3"
