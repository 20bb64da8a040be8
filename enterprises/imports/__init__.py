"""The register from files: read (reading), checked row by row (checking), written in sets (loading); bad rows go
back as a workbook (report). The one door is workflow.import_enterprises."""
