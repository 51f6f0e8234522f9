/** The laws that merge policies keep, as tests to be inherited: Anabranch's own keep them, and yours have to. */
package org.anabranch.conflict.laws;
