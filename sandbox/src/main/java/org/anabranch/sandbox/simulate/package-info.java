/** {@code anabranch simulate}: the proof that regions which all write end with the same rows, from the shell. */
@NullMarked
package org.anabranch.sandbox.simulate;

import org.jspecify.annotations.NullMarked;
