// Package franz holds the version of franz-go whose own tests are run: they come with the module.
package franz

import _ "github.com/twmb/franz-go/pkg/kgo"
